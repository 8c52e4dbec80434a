"""What things look like: meshes of street furniture, vehicles, walkers and props, and the materials they are made of.

Knows nothing of towns, actors or pictures: a model is triangles in its own frame.
"""
