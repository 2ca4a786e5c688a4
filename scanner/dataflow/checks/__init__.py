"""One check a file. A check is found by its file's name; see `scanner.dataflow.driver.Check`."""
