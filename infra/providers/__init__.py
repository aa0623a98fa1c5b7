"""The native Pulumi provider for Vercel: `vercel` is for programs, all else is the provider's process."""
