"""What front ends ask of the outbox beyond single items: decisions about many, and how each destination is doing."""
