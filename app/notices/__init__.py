"""What people are told and asked to do: in their inbox always, by mail where it is set up."""
