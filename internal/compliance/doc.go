// Package compliance files facts about a database under the articles of laws
// and standards: 34 checks, each answered passed, warning, failed, or error where
// it could not be evaluated, with counts, names of objects, the version of the
// statements that asked, and the SQL that mends it.
//
// A result is technical evidence for an article. It never says that anybody
// complies: contracts, training and policies cannot be seen from a database. No
// value of a row leaves a check, only counts do. checks.md says of each check
// the question that it asks.
package compliance
