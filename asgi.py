"""The hosted service, for any ASGI server: `uvicorn asgi:app --no-access-log --no-server-header`.

The access log would hold request tokens. `python -m form` serves the same, with those and more set right.
"""

from form.app import Form

app = Form()
