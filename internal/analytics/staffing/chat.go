package staffing

// chatFactors are how much more an agent gets done with 1 to 5 chats at a time:
// each chat takes longer when the agent turns from one to another. Read-only.
var chatFactors = [...]float64{1, 1.7, 2.5, 2.9, 3.5}

// MaxConcurrency is the largest number of chats at a time with a known factor.
const MaxConcurrency = len(chatFactors)

// ChatFactor returns how many contacts an agent handles in the time of one when
// chats go on at a time (1 to MaxConcurrency; 0 outside of that).
func ChatFactor(chats int) float64 {
	if chats < 1 || chats > MaxConcurrency {
		return 0
	}
	return chatFactors[chats-1]
}

// MeasuredFactor returns the same from handling times that were measured: alone
// is the mean time of a chat by itself, together that of one among chats at a
// time. It is at least 1, since an agent can always leave the others waiting, and
// at most chats. Zero when one of the times is not known.
func MeasuredFactor(chats int, alone, together float64) float64 {
	if chats < 1 || !(alone > 0) || !(together > 0) {
		return 0
	}
	return min(max(1, float64(chats)*alone/together), float64(chats))
}
