"""The outbox: durable intents, their delivery exactly as often as can be promised, and the receipts."""
