// Package dashboard is pages for people: what the API answers, in a browser.
// HTML comes from here, a stream of events keeps it new, and one small script
// puts it into place.
//
// It has no query of its own: each figure is a request to the API, made as the
// user who looks, so that row level security decides what he sees. It never
// keeps a session, which the browser has sealed in its cookies; never shows a
// page to a frame of others, but for a chart that its user has shared with that very
// site; never fetches anything from elsewhere. Their weight is in results.md.
//
// The way of a request:
//
//	Call (call.go)      a browser's request, with the role of its cookie
//	  sign-in (signin.go; offers.go, link.go), static files (static.go)
//	  visit (visit.go)  who he is, and what he may see
//	    view (view.go)  range, zone and filters of the URL
//	    page (page.go)  its blocks, each read by itself (read.go)
//	    act (act.go)    what a form asks for
//	    live (live.go)  blocks again, when they have changed
package dashboard
