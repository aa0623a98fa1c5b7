"""`make fidelity`: recordings of a real tenant, replayed against the sandbox by a tool that is not ours."""
