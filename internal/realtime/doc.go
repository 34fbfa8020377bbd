// Package realtime is Supabase's Realtime where none stands behind: channels
// over a WebSocket that tell of changes of tables, carry broadcasts, and show
// who is present.
//
//	Service    settings, life, mounts                            (service.go)
//	Pass       the handshake, and a socket's messages            (accept.go)
//	socket     a connection: its channels and its queue          (socket.go)
//	channel    one topic of a socket: tokens, join and leave     (channel.go, join.go)
//	hub        who is in a topic, and who is present there       (hub.go, presence.go)
//	broadcast  from clients, over HTTP and from SQL              (broadcast.go)
//	private    who may hear and speak, by policies               (private.go)
//	changes    from source over visible to the channels          (changes.go, deliver.go)
//	told       that tables have changed, for pages of the sidecar (told.go)
//
// Whatever a client can make large has a limit: frames, topics, channels and
// messages of a socket, what waits for a slow reader, presence. Who is slow is
// told and closed; he delays nobody.
//
// It never shows a row that the database did not give to that very reader, and
// keeps nothing over a restart.
package realtime
