"""What can be done with each kind of object, in modules named like those of the models."""
