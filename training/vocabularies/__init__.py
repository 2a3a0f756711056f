"""Builds the tag and attribute vocabularies in resources/vocabularies from open class lists and our own text."""
