package sql

import _ "embed" // the directives below

// The statements below are run by internal/dashboard/share, see their headers. Read only.

// ShareOpen finds a share with the claims that it is read with.
//
//go:embed share/open.sql
var ShareOpen string

// ShareDue takes the share that is due next.
//
//go:embed share/due.sql
var ShareDue string

// ShareSettle writes down how a share's turn went.
//
//go:embed share/settle.sql
var ShareSettle string

// ShareReport reads a row of scheduled_reports.
//
//go:embed share/report.sql
var ShareReport string

// ShareReported writes down that a report was sent.
//
//go:embed share/reported.sql
var ShareReported string

// ShareExport takes a row of export_jobs.
//
//go:embed share/export.sql
var ShareExport string

// ShareExported writes down how an export went.
//
//go:embed share/exported.sql
var ShareExported string

// ShareKeep keeps the file of an export.
//
//go:embed share/keep.sql
var ShareKeep string

// ShareFile reads the file of an export.
//
//go:embed share/file.sql
var ShareFile string

// ShareMail writes down a mail with HTML.
//
//go:embed share/mail.sql
var ShareMail string

// ShareTidy forgets shares that ended long ago.
//
//go:embed share/tidy.sql
var ShareTidy string

// ShareZone reads the tenant's zone.
//
//go:embed share/zone.sql
var ShareZone string

// SharePresent reports whether there are shares here.
//
//go:embed share/present.sql
var SharePresent string
