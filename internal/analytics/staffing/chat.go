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
