"""THE COMMAND LINE: parse, call, print. Its output is a contract.

Start with `arguments`. Imports every room but `ui`.
"""
