"""How Vercel's names look, for whoever checks them: the provider its inputs, a stage its settings."""

import re

# vercel.com/docs/rest-api/projects/create-a-new-project
PROJECT = re.compile(r"(?!.*---)[a-z0-9][a-z0-9._-]{0,99}")
TEAM = re.compile(r"team_[A-Za-z0-9]{1,64}")
# vercel.com/docs/regions
REGION = re.compile(r"[a-z]{3}[0-9]")
# vercel.com/docs/environment-variables , in capital letters as everywhere in a stage
VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,127}")
# How many deployments may be kept for a rollback.
MOST_KEPT = 50
