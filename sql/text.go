package sql

import _ "embed" // the directives below

// The statements below are run by internal/analytics/text/scoring. Read only.

// TextRead returns the state of the queue.
//
//go:embed text/read.sql
var TextRead string

// TextFill puts the messages into the queue that nobody has noted.
//
//go:embed text/fill.sql
var TextFill string

// TextWaiting reads messages that wait.
//
//go:embed text/waiting.sql
var TextWaiting string

// TextBackground reads customers' messages of late.
//
//go:embed text/background.sql
var TextBackground string

// TextWrite writes the results for messages.
//
//go:embed text/write.sql
var TextWrite string

// TextDone drops rows of the queue, and the results for messages that are no
// longer a customer's.
//
//go:embed text/done.sql
var TextDone string
