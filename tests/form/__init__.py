"""Tests of the hosted form."""
