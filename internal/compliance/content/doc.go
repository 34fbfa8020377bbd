// Package content tells personal data and secrets by the name of a column and
// by the values in it.
//
// It is pure: values in, kinds out. It never returns, stores or prints a value.
package content
