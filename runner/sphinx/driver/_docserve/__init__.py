"""The part of docserve that runs inside the user's own Python.

It holds one Sphinx application with its environment and executes small
commands over a private channel. It owns names: what a document exports, what a
page refers to. It decides no order: which command comes next is up to docserve.
"""
