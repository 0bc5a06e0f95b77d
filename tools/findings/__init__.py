"""What came out of a study, in sentences that its tables decide: the numbers, and the words as well."""
