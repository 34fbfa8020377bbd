package main

import (
	"fmt"
	"strings"
	"time"
)

// work is one case: requests that are sent in turn.
type work struct {
	name     string
	status   int
	requests []request
	bare     bool   // no statement reaches PostgreSQL, or none that pgbench can send
	few      bool   // only at 64 connections: it shows nothing new elsewhere
	long     bool   // takes so long that a window must be wider to hold enough of it
	undo     string // SQL of the owner's behind the case: rows that it wrote would weigh on others
}

// stretch is how much wider.
const stretch = 3

// measured is how long one measurement of the case takes.
func (w *work) measured(window time.Duration) time.Duration {
	if w.long {
		return stretch * window
	}
	return window
}

// spread is the number of different requests of a case that writes: one row
// alone would measure how long its lock is waited for.
const spread = 32

// cases are the requests of a client of ROMASHKA, from the simple to the long.
func cases() []work {
	return []work{
		{name: "row by key", status: 200, requests: rowByKey()},
		{name: "25 rows", status: 200, requests: get25(admin, "api_security_logs?select=id,endpoint,method,user_id,ip_address,response_code,"+
			"response_time_ms,suspicious_activity,timestamp&response_code=gte.404&order=timestamp.desc&limit=25")},
		{name: "25 rows, before the embed", status: 200, few: true, requests: get25(admin,
			"security_incidents?select=*&severity=eq.high&order=created_at.desc&limit=25")},
		{name: "25 rows, embed", status: 200, requests: get25(admin,
			"security_incidents?select=*,profiles!user_id(email,full_name)&severity=eq.high&order=created_at.desc&limit=25")},
		{name: "25 rows, two deep", status: 200, few: true, requests: get25(user,
			"conversations?select=id,status,channel_type,created_at,customer_profiles(id,name),messages(id,sender_type,content,profiles(email))"+
				"&order=created_at.desc&limit=25")},
		{name: "count=exact of 10,000", status: 206, few: true, long: true, requests: []request{{
			method: "GET", target: "/api_security_logs?select=id,timestamp&endpoint=eq./counted&limit=25", as: admin, prefer: "count=exact"}}},
		{name: "insert one", status: 201, requests: insertOne(), undo: forgetInserted},
		{name: "insert 1,000", status: 201, few: true, long: true, requests: insertMany(1000)},
		{name: "upsert one", status: 200, few: true, requests: upsertOne()},
		{name: "update by key", status: 204, few: true, requests: updateByKey()},
		{name: "rpc without arguments", status: 200, few: true, requests: []request{{method: "POST", target: "/rpc/bench_constant", as: user, body: "{}"}}},
		{name: "rpc with arguments", status: 200, few: true, requests: []request{{method: "POST", target: "/rpc/bench_add", as: user, body: `{"a":1,"b":2}`}}},
		{name: "rpc security metrics", status: 200, few: true, long: true, requests: []request{{method: "POST", target: "/rpc/get_security_metrics", as: admin, body: "{}"}}},
		{name: "rpc analytics dashboard", status: 200, few: true, long: true, requests: []request{{method: "POST", target: "/rpc/get_analytics_dashboard_data", as: admin, body: "{}"}}},
		{name: "1,000 rows", status: 200, few: true, requests: get25(admin, "api_security_logs?select=*&order=timestamp.desc&limit=1000")},
		{name: "row by key, new token", status: 200, few: true, bare: true, requests: newTokens(rowByKey()[0], 20_000)},
		{name: "404", status: 404, few: true, bare: true, requests: get25(user, "no_such_table?select=*")},
		{name: "400", status: 400, few: true, bare: true, requests: get25(user, "security_incidents?select=*&severity=nope.high")},
	}
}

func get25(as, target string) []request {
	return []request{{method: "GET", target: "/" + target, as: as}}
}

// rowByKey reads a session of the user's own.
func rowByKey() []request {
	return get25(user, "security_sessions?select=*&id=eq."+id("session", 7))
}

// forgetInserted takes the lines out again that insertOne added: the database
// dates them now, so that reads of the last day would see them all.
const forgetInserted = "DELETE FROM api_security_logs WHERE endpoint = '/rest/v1/inserted'; VACUUM ANALYZE api_security_logs"

// insertOne adds lines to the log.
func insertOne() []request {
	return []request{{
		method: "POST", target: "/api_security_logs", as: server, prefer: "return=minimal",
		body: `{"endpoint":"/rest/v1/inserted","method":"GET","response_code":200,"response_time_ms":12,"ip_address":"10.1.2.3","timestamp":"2020-01-01T00:00:00Z"}`,
	}}
}

func insertMany(n int) []request {
	rows := make([]string, n)
	for i := range rows {
		rows[i] = fmt.Sprintf(`{"metric_category":"kpi","metric_name":"Bulk %d","metric_value":%d}`, i%50, i)
	}
	return []request{{method: "POST", target: "/business_intelligence", as: server, prefer: "return=minimal", body: "[" + strings.Join(rows, ",") + "]"}}
}

func upsertOne() []request {
	requests := make([]request, spread)
	for i := range requests {
		requests[i] = request{
			method: "POST", target: "/predictive_analytics?on_conflict=prediction_type,prediction_date", as: server,
			prefer: "resolution=merge-duplicates,return=minimal",
			body:   fmt.Sprintf(`{"prediction_type":"volume_forecast","prediction_date":"1900-02-%02d","predicted_value":%d}`, i%28+1, i),
		}
	}
	return requests
}

func updateByKey() []request {
	requests := make([]request, spread)
	for i := range requests {
		requests[i] = request{
			method: "PATCH", target: "/security_sessions?id=eq." + id("session", i+1), as: user, prefer: "return=minimal",
			body: `{"last_activity":"2026-11-23T10:00:00Z"}`,
		}
	}
	return requests
}

// newTokens repeats a request with another token each time.
func newTokens(r request, n int) []request {
	requests := make([]request, n)
	for i := range requests {
		r.serial = i + 1
		requests[i] = r
	}
	return requests
}
