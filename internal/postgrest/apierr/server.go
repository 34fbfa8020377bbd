package apierr

// The errors that are not the request's fault: PGRST0xx and PGRSTX00.

// Connection is PGRST000: no connection to the database could be made.
// details is the driver's text, "" for null; it may hold no secret.
func Connection(details string) *Error {
	return withDetails(&Error{Status: 503, Code: "PGRST000", Message: "Database connection error."}, details)
}

// Client is PGRST001: the connection broke during the request.
func Client(details string) *Error {
	return withDetails(&Error{Status: 503, Code: "PGRST001", Message: "Database client error. Retrying the connection."}, details)
}

// NoSchemaCache is PGRST002: the schema cache was never loaded.
func NoSchemaCache() *Error {
	return &Error{Status: 503, Code: "PGRST002", Message: "Could not query the database for the schema cache. Retrying."}
}

// PoolTimeout is PGRST003: no connection became free in time.
func PoolTimeout() *Error {
	return &Error{Status: 504, Code: "PGRST003", Message: "Timed out acquiring connection from connection pool."}
}

// Internal is PGRSTX00: a fault in this server. Its cause belongs in the log,
// never in the answer.
func Internal() *Error {
	return &Error{Status: 500, Code: "PGRSTX00", Message: "Internal server error"}
}

func withDetails(e *Error, details string) *Error {
	if details != "" {
		e.Details = Text(details)
	}
	return e
}
