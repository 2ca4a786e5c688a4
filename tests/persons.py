"""Made-up persons."""

import random

from stdnum import iban


def rows(count: int, seed: int = 0) -> str:
    """A made-up table of persons, with numbers whose check digits are right."""
    source = random.Random(seed)
    lines = ["full_name,email,phone,iban,date_of_birth"]
    for _ in range(count):
        first = source.choice(["Ada", "Juri", "Mina", "Tove", "Bela", "Noor", "Ilse", "Omar"])
        last = "".join(source.choices(["vale", "ro", "mi", "ken", "dor", "lu", "sa"], k=4)).title()
        account = "".join(source.choices("0123456789", k=18))
        number_of_account = f"DE{iban.calc_check_digits('DE00' + account)}{account}"
        phone = f"+49 30 {source.randrange(10**6, 10**7)}"
        born = f"19{source.randrange(50, 99)}-0{source.randrange(1, 9)}-1{source.randrange(9)}"
        mail = f"{first[0].lower()}.{last.lower()}@gmail.com"
        lines.append(f"{first} {last},{mail},{phone},{number_of_account},{born}")
    return "\n".join(lines) + "\n"
