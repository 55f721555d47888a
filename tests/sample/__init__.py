"""The bot that the tests know: copies of the flows and the texts that this template ships.

A fork changes `src/flows` and `src/texts`, and these tests go on telling of the copies. Tests in
`tests/flows`, those of a fork's own features, and those with `@pytest.mark.own_flows` are told of
`src`. `python3 -m tests.sample` makes the copies again; test_sample.py compares them with `src`.
"""
