package sql

import _ "embed" // the directives below

// The statements below are run by internal/platform/notify, see their headers. Read only.

// NotifyEnqueue writes down a message to people.
//
//go:embed notify/enqueue.sql
var NotifyEnqueue string

// NotifyTake takes a message that is due.
//
//go:embed notify/take.sql
var NotifyTake string

// NotifySettle writes down how sending it went.
//
//go:embed notify/settle.sql
var NotifySettle string

// NotifyTidy forgets old messages.
//
//go:embed notify/tidy.sql
var NotifyTidy string
