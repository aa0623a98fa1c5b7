"""A made-up identity provider: what people of social and enterprise connections log in at."""
