package sql

import _ "embed" // the directives below

// The statements below are run by internal/platform/notify, see their headers. Read only.

// NotifyEnqueue writes down what people are to be told.
//
//go:embed notify/enqueue.sql
var NotifyEnqueue string
