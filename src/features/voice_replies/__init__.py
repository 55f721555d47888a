"""Answers to voice notes are spoken."""
