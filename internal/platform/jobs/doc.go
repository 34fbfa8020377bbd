// Package jobs runs work that is to be done again and again. romashka.jobs is the
// timetable, romashka.job_runs the history, and any number of replicas may run:
// each job is done by one at a time.
//
// To add a job in Go:
//
//  1. write func(ctx context.Context, conn *pgx.Conn) (jobs.Result, error) in
//     its own room; all its writes go through jobs.Write(ctx, conn, ...);
//  2. add jobs.Job{Name: "name", Every: 5 * time.Second, Run: room.Run} to
//     app.Jobs;
//  3. nothing else: Start brings it into the timetable.
//
// To add a job in SQL, which pg_cron can do, too:
//
//  1. write functions/job_name.sql: romashka.job_name(last_run timestamptz, OUT
//     result text, OUT more boolean), as functions/job_retention.sql is; no
//     result says that there was nothing to do, and leaves no row in the history;
//  2. write a migration with INSERT INTO romashka.jobs (name, every, function)
//     VALUES ('name', '1 hour', 'job_name') ON CONFLICT (name) DO NOTHING;
//  3. nothing else: it is found in the timetable. If there is also
//     romashka.rebuild_name(OUT result text, OUT more boolean), `jobs run NAME
//     --rebuild` calls that.
//
// A run goes like this. A short transaction claims the job: it writes who has it,
// a number for the run, and until when (a lease of 12 s). While the job is done,
// on a connection and in transactions of its own, the lease is renewed every few
// seconds. A process that dies renews it no more, and another claims the job
// anew, with another number. A transaction of [Write] commits only while the
// timetable still has the run's number; a job in SQL and the end of its run are
// one transaction. So a job may be begun twice, and its result is written by one.
//
// It never knows the work of a job, and imports none: app hands them in.
package jobs
