"""What each agent's settings files say, and what a person should look at in them."""
