"""What a person is told and asked to do, in the workspace."""
