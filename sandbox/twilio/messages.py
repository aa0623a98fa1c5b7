"""What a person is sent: the text of one code for one channel and language."""

_SMS = {
    "de": "Dein {name}-Bestätigungscode lautet: {code}. Gib ihn an niemanden weiter.",
    "en": "Your {name} verification code is: {code}. Don't share it with anyone.",
    "es": "Tu código de verificación de {name} es: {code}. No lo compartas con nadie.",
    "fr": "Votre code de vérification {name} est : {code}. Ne le partagez avec personne.",
}
_CALL = "Hello! Your {name} verification code is {spoken}. Once more: {spoken}. Goodbye!"
_WHATSAPP = "{code} is your {name} verification code. For your security, do not share it."


def text(channel: str, name: str, code: str, locale: str | None) -> str:
    """The message; a language that is not among the four falls back to English, as Verify's templates do."""
    if channel == "call":
        return _CALL.format(name=name, spoken=", ".join(code))
    if channel == "whatsapp":
        return _WHATSAPP.format(name=name, code=code)
    language = (locale or "en").lower().partition("-")[0]
    return _SMS.get(language, _SMS["en"]).format(name=name, code=code)
