"""The student behind the agent interface: sensors in, a trained model's plan, controls out."""
