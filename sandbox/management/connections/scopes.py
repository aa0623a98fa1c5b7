"""The scope Auth0 asks a social identity provider for, computed from a connection's flags.

Recorded: facebook, apple and the salesforce family. Documented (SDK descriptions of each flag): github,
linkedin, paypal, amazon. Google's and Microsoft's values are those two vendors' own names for the
permissions; which of them Auth0 spells otherwise is not known.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ...store import Doc

_GITHUB = {
    "email": "user:email",
    "read_user": "read:user",
    "follow": "user:follow",
    "public_repo": "public_repo",
    "repo": "repo",
    "repo_deployment": "repo_deployment",
    "repo_status": "repo:status",
    "delete_repo": "delete_repo",
    "notifications": "notifications",
    "gist": "gist",
    "read_repo_hook": "read:repo_hook",
    "write_repo_hook": "write:repo_hook",
    "admin_repo_hook": "admin:repo_hook",
    "read_org": "read:org",
    "write_org": "write:org",
    "admin_org": "admin:org",
    "read_public_key": "read:public_key",
    "write_public_key": "write:public_key",
    "admin_public_key": "admin:public_key",
}
# By version of the strategy: LinkedIn renamed its scopes twice.
_LINKEDIN: dict[int, Mapping[str, str]] = {
    1: {
        "profile": "r_basicprofile",
        "full_profile": "r_fullprofile",
        "network": "r_network",
        "email": "r_emailaddress",
    },
    2: {"basic_profile": "r_liteprofile", "profile": "r_basicprofile", "email": "r_emailaddress"},
    3: {"basic_profile": "r_liteprofile", "profile": "profile", "email": "email", "openid": "openid"},
}
_GOOGLE_API = "https://www.googleapis.com/auth/"
# Permissions older than Google's naming scheme; the others follow it (drive_file is …/auth/drive.file).
_GOOGLE = {
    "email": "email",
    "profile": "profile",
    "contacts": "https://www.google.com/m8/feeds/",
    "contacts_new": f"{_GOOGLE_API}contacts",
    "gmail": "https://mail.google.com/mail/feed/atom",
    "gmail_new": "https://mail.google.com/",
    "google_plus": f"{_GOOGLE_API}plus.me",
    "picasa_web": "https://picasaweb.google.com/data/",
    "youtube": "https://gdata.youtube.com",
    "youtube_new": f"{_GOOGLE_API}youtube",
    "youtube_channelmemberships_creator": f"{_GOOGLE_API}youtube.channel-memberships.creator",
    "adsense_management": f"{_GOOGLE_API}adsense",
    "google_affiliate_network": f"{_GOOGLE_API}gan",
    "analytics": f"{_GOOGLE_API}analytics.readonly",
    "google_books": f"{_GOOGLE_API}books",
    "google_cloud_storage": f"{_GOOGLE_API}devstorage.read_write",
    "content_api_for_shopping": f"{_GOOGLE_API}structuredcontent",
    "chrome_web_store": f"{_GOOGLE_API}chromewebstore.readonly",
    "document_list": "https://docs.google.com/feeds/",
    "google_drive": f"{_GOOGLE_API}drive",
    "google_drive_files": f"{_GOOGLE_API}drive.file",
    "latitude_best": f"{_GOOGLE_API}latitude.all.best",
    "latitude_city": f"{_GOOGLE_API}latitude.all.city",
    "sites": "https://sites.google.com/feeds/",
    "spreadsheets": "https://spreadsheets.google.com/feeds/",
    "url_shortener": f"{_GOOGLE_API}urlshortener",
    "webmaster_tools": "https://www.google.com/webmasters/tools/feeds/",
}
_MICROSOFT_GRAPH = {
    "offline_access": "offline_access",
    "graph_user": "User.Read",
    "graph_user_update": "User.ReadWrite",
    "graph_user_activity": "UserActivity.ReadWrite.CreatedByApp",
    "graph_device": "Device.Read",
    "graph_device_command": "Device.Command",
    "graph_emails": "Mail.Read",
    "graph_emails_update": "Mail.ReadWrite",
    "graph_calendars": "Calendars.Read",
    "graph_calendars_update": "Calendars.ReadWrite",
    "graph_contacts": "Contacts.Read",
    "graph_contacts_update": "Contacts.ReadWrite",
    "graph_files": "Files.Read",
    "graph_files_update": "Files.ReadWrite",
    "graph_files_all": "Files.Read.All",
    "graph_files_all_update": "Files.ReadWrite.All",
    "graph_notes": "Notes.Read",
    "graph_notes_create": "Notes.Create",
    "graph_notes_update": "Notes.ReadWrite",
    "graph_tasks": "Tasks.Read",
    "graph_tasks_update": "Tasks.ReadWrite",
}
# Flags of a connection that are no permission.
_NO_PERMISSION = frozenset({"disable_self_service_change_password", "allow_context_profile_field"})


def with_scope(strategy: str, options: Doc) -> Doc:
    """`options` with the `scope` Auth0 computes; unchanged for a strategy that computes none.

    A scope the caller brings stays where no flag says otherwise.
    """
    compute = _COMPUTED.get(strategy)
    if compute is None:
        return options
    flags = [
        name for name, value in options.items() if isinstance(value, bool) and name not in _NO_PERMISSION
    ]
    if options.get("scope") and not flags:
        return options
    wanted = [name for name in flags if options[name]]
    return {**options, "scope": compute(options, wanted)}


def _listed(table: Mapping[str, str], always: tuple[str, ...] = ()) -> Callable[[Doc, list[str]], Any]:
    def scope(options: Doc, wanted: list[str]) -> list[str]:
        asked = [table[name] for name in wanted if name in table]
        return _with_freeform(options, [*always, *asked])

    return scope


def _joined(separator: str) -> Callable[[Doc, list[str]], Any]:
    def scope(options: Doc, wanted: list[str]) -> str:
        return separator.join(_with_freeform(options, wanted))

    return scope


def _linkedin(options: Doc, wanted: list[str]) -> list[str]:
    table = _LINKEDIN.get(options.get("strategy_version") or 3, _LINKEDIN[3])
    return _with_freeform(options, [table[name] for name in wanted if name in table])


def _google(options: Doc, wanted: list[str]) -> list[str]:
    # offline_access is a parameter of Google's own, not a scope.
    named = [name for name in wanted if name != "offline_access"]
    asked = [_GOOGLE.get(name, _GOOGLE_API + name.replace("_", ".")) for name in named]
    return _with_freeform(options, asked)


def _microsoft(options: Doc, wanted: list[str]) -> list[str]:
    return _with_freeform(options, [_MICROSOFT_GRAPH.get(name, f"wl.{name}") for name in wanted])


def _with_freeform(options: Doc, scopes: list[str]) -> list[str]:
    return list(dict.fromkeys([*scopes, *(options.get("freeform_scopes") or [])]))


_SALESFORCE = _listed({"profile": "profile"})
_COMPUTED: Mapping[str, Callable[[Doc, list[str]], Any]] = {
    "amazon": _listed({"postal_code": "postal_code"}, ("profile",)),
    "apple": _joined(" "),
    "facebook": _joined(","),
    "github": _listed(_GITHUB),
    "google-oauth2": _google,
    "linkedin": _linkedin,
    "paypal": _listed({name: name for name in ("profile", "email", "address", "phone")}, ("openid",)),
    "paypal-sandbox": _listed({name: name for name in ("profile", "email", "address", "phone")}, ("openid",)),
    "salesforce": _SALESFORCE,
    "salesforce-community": _SALESFORCE,
    "salesforce-sandbox": _SALESFORCE,
    "windowslive": _microsoft,
}
