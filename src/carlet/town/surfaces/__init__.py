"""The ground of a town as triangles: roads, kerbs, pavements, bridges, land, and the paint on it."""

import numpy as np

from carlet.town.level_mesh import LevelMesh
from carlet.town.model import Town
from carlet.town.surfaces.abutments import build_abutments
from carlet.town.surfaces.arrows import build_arrows
from carlet.town.surfaces.bands import build_bands
from carlet.town.surfaces.borders import build_borders
from carlet.town.surfaces.crossings import build_crossings
from carlet.town.surfaces.decks import build_decks, grounded, road_steps
from carlet.town.surfaces.draping import Drape
from carlet.town.surfaces.heights import Heights, level_heights
from carlet.town.surfaces.junctions import junction_patches
from carlet.town.surfaces.land import build_land, road_outlines
from carlet.town.surfaces.lines import build_lines
from carlet.town.surfaces.outlines import band_shapes
from carlet.town.surfaces.pieces import join_pieces, to_meshes
from carlet.town.surfaces.seams import sewn
from carlet.town.surfaces.stop_lines import build_stop_lines
from carlet.town.surfaces.strips import build_strips
from carlet.town.surfaces.zebra import build_crosswalks


def build_surfaces(town: Town) -> LevelMesh:
    """All surfaces of the ground of `town`, at the heights of its `ground`; always the same for the same town."""
    borders = build_borders(town.lanes)
    bands = build_bands(town, borders)
    level = level_heights(town.lanes, town.terrain)
    shapes = band_shapes(borders, bands)
    patches = junction_patches(borders, bands, shapes, level)
    steps = road_steps(borders, town.lanes, town.terrain, level)
    outlines = np.concatenate([road_outlines(borders, town.lanes, steps), patches.outline])
    ground = grounded(borders, town.lanes, town.terrain, steps)
    strips, strip_faces = build_strips(borders, bands)
    crossings, crossing_faces = build_crossings(borders, bands, patches, level)
    roads, land = sewn(join_pieces([strips, crossings]), build_land(town.terrain, outlines, ground))
    bridges = [build_decks(borders, bands, steps), build_abutments(borders, steps, ground)]
    solid = [roads, land, strip_faces, crossing_faces, *bridges]
    drape = Drape(crossings, Heights(town.lanes, town.terrain, town.lanes.grid, town.lanes.rise))
    paint = [
        build_lines(town, borders, bands, shapes, drape),
        build_crosswalks(town, drape),
        build_stop_lines(town, drape),
        build_arrows(town, drape),
    ]
    (below, marks), things = to_meshes([join_pieces(solid), join_pieces(paint)])
    return LevelMesh(below, marks, things)
