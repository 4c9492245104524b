"""Answers a proxy: may this request pass?"""
