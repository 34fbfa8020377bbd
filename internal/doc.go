// Package internal is the map of the packages, in the order in which a request
// and then the rest of the program passes through it. It holds no code;
// internal/arch_test.go holds the rules between the rooms.
//
// A request to the API:
//
//	edge/server              HTTP: routes, CORS, limits, health, access log
//	edge/clientip            whose request it is: the address behind trusted proxies
//	edge/welcome             the page at the API's root, for a browser
//	edge/gateway             all other requests go to the Supabase project
//	edge/limit               how much one client may ask, and requests over it
//	edge/apilog              each request as a row of api_security_logs
//	auth                     bearer token or API key -> role and claims
//	auth/claim               claims as exact JSON values
//	auth/rolepath            where in the claims the role is
//	postgrest                the composer: calls the stages below in order
//	  postgrest/ident        names of database objects; the only quoting code
//	  postgrest/apierr       the wire error, every PGRST code, SQLSTATE -> status
//	  postgrest/mediatype    Accept headers and vendored media types
//	  postgrest/queryparams  grammar of the query string
//	  postgrest/apirequest   method, path, headers, body -> the client's intent
//	  postgrest/schemacache  the schema cache: all of a database that requests ask for
//	  postgrest/catalog      loads the schema cache from PostgreSQL
//	  postgrest/plan         request + schema cache -> resolved tree, or an error
//	  postgrest/query        plan -> SQL text and bound arguments
//	  postgrest/plancache    plan and SQL of one request for others of its form
//	  postgrest/answer       bodies that grow by pieces, and the memory of all of them
//	  postgrest/exec         one round trip to PostgreSQL
//	  postgrest/exec/rowjson rows as JSON, as json_agg writes them
//	  postgrest/replica      reads on standbys that have what their client knows
//	  postgrest/openapi      the description of the API at its root
//	  postgrest/response     result or error -> status, headers, body
//	  postgrest/stream       rows sent as they come
//	  postgrest/stage        the stages of a request by name, and the time that each takes
//
// The database itself:
//
//	database/migrator        versioned tables and functions, up and down
//	database/migrator/ddl    the tables that a statement of a migration locks and rewrites
//	database/migrator/demo   the rows of a demo tenant, the same for the same seed
//	database/check           facts on a database's own state, one statement each
//	database/policy          the rights of each role, compared with a database's answers
//	database/doctor          the faults of a deployment, with evidence and remedy
//
// Security:
//
//	security/event           one request, session or factor change as a value
//	security/detect          the rules over a stream of events -> incidents
//	security/monitor         reads rows, has the rules look at them, writes incidents
//	security/respond         the responses to an incident, and the addresses that are refused
//	security/session         who works where, and that an ended session ends
//	security/twofactor       second factors: enrolled, checked, kept
//	security/trail           the audit trail as a hash chain: sealed, signed, verified
//
// From rows to answers:
//
//	analytics/series         counts per hour or day in the tenant's zone, gaps and closed days
//	analytics/forecast       methods, their combination, intervals, back-test
//	analytics/staffing       how many people a stream of contacts needs
//	analytics/text           language, sentiment, keywords and topics of a message
//	analytics/text/scoring   reads messages, has them judged, writes sentiment
//	analytics/insight        changes and differences of figures that passed a test, as sentences
//	analytics/insight/findings  looks at each week once, writes insights and recommendations
//	analytics/kpi            the contract of each figure, proved against the SQL that counts it
//	analytics/predict        reads conversations, has both compute, writes predictions
//
// Checks of the database:
//
//	compliance               facts about the database, filed under articles of laws
//	compliance/content       personal data and secrets, known by name and by value
//	compliance/subject       a person's rows: found, exported, erased
//	compliance/frameworks    which check is evidence for which article
//
// The base of all of it:
//
//	platform/service         the life of background work: loop, pauses, connections
//	  platform/service/servicetest  tries that life, for tests
//	platform/jobs            work done again and again: timetable, claims, history
//	platform/notify          a message to people: mail, SMS, webhooks
//	platform/observe         log, metrics, traces, and a dashboard for them
//	platform/otlp            log records to a collector
//
// Pages for people:
//
//	dashboard                pages in a browser, and their live stream
//	dashboard/chart          figures as SVG
//	dashboard/seal           a browser's session in its cookies
//	dashboard/share          what leaves by itself: embedded charts, mails, reports, exports
//
// Changes as they happen:
//
//	realtime                 Supabase's Realtime: changes, broadcasts, presence
//	  realtime/phoenix       its messages on the wire, in both serializations
//	  realtime/source        which rows were written, by logical decoding or triggers
//	  realtime/visible       who may see them, by asking the database
//
// For a developer's machine:
//
//	dev/devdb                embedded PostgreSQL that looks like a Supabase project
//	dev/devdb/freeport       ports for servers that take their time to start
//	dev/devdb/pgserver       one PostgreSQL server as a child process
//	dev/devdb/pgtest         a real PostgreSQL for tests
//	dev/devdb/scratch        databases of commands that measure and break
//	dev/supabasecli          the folder supabase/, written from migrations and functions
//	dev/supabasecli/generate the command of make generate
//	dev/devauth              /auth/v1 of a developer's instance, as supabase-js uses it
//	dev/devvalkey            a Valkey or Redis of a test, that can be killed
//	dev/devstorage           /storage/v1 of a developer's instance: buckets, objects, policies
//
// The parts together:
//
//	config                   settings from flags, environment, file, database
//	app                      wires all of the above into one running sidecar
//	cli                      the commands of cmd/romashka
//
// Proofs:
//
//	proof/e2e                the whole sidecar, driven by the published clients
//	proof/smoke              a deployment, tried as a client would
//	proof/bench              its speed beside PostgreSQL itself
//	proof/chaos              the effect on clients when something breaks
//	proof/load               Realtime's speed with a thousand clients
//	proof/faultproxy         a network that can be made slow, cut or broken
//
// Start with the room that you want to change, and read its package comment.
package internal
