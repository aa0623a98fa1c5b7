"""Carriers: the answers of companies that send SMS, as their own documents describe them."""
