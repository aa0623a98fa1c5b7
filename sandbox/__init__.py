"""Every account on one laptop: an Auth0 tenant, Twilio Verify, a handset and a demo app."""
