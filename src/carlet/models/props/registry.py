"""Which shape and which colours every prop has."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from carlet.models.props import carried, leisure, machines, plants, road, waste
from carlet.models.props.kit import Shape, lengthwise

Rgb = tuple[float, float, float]

ORANGE: Rgb = (0.80, 0.17, 0.02)
RED: Rgb = (0.55, 0.035, 0.03)
YELLOW: Rgb = (0.75, 0.52, 0.04)
GREEN: Rgb = (0.04, 0.17, 0.07)
BLUE: Rgb = (0.03, 0.10, 0.33)
TEAL: Rgb = (0.05, 0.24, 0.26)
WHITE: Rgb = (0.75, 0.75, 0.73)
CREAM: Rgb = (0.62, 0.55, 0.42)
PALE: Rgb = (0.45, 0.45, 0.44)
GREY: Rgb = (0.20, 0.20, 0.21)
DARK: Rgb = (0.04, 0.04, 0.045)
STEEL: Rgb = (0.38, 0.39, 0.41)
CARD: Rgb = (0.38, 0.25, 0.14)
TAPE: Rgb = (0.52, 0.42, 0.26)
TIMBER: Rgb = (0.28, 0.16, 0.08)
LIGHT_TIMBER: Rgb = (0.42, 0.30, 0.18)
LEATHER: Rgb = (0.15, 0.07, 0.035)
CLAY: Rgb = (0.36, 0.15, 0.08)
EARTH: Rgb = (0.14, 0.10, 0.07)
CLOD: Rgb = (0.09, 0.065, 0.045)
SOIL: Rgb = (0.20, 0.15, 0.10)
STONE: Rgb = (0.36, 0.34, 0.31)
STRAW: Rgb = (0.55, 0.42, 0.17)
PINK: Rgb = (0.62, 0.25, 0.30)
WATER: Rgb = (0.10, 0.20, 0.24)
LEAF: Rgb = (0.10, 0.19, 0.05)
DEEP_LEAF: Rgb = (0.05, 0.11, 0.04)


class Look(NamedTuple):
    """The shape of a prop and its colours: the tints of the slots 0, 1 and 2."""

    shape: Shape
    first: Rgb
    second: Rgb = WHITE
    third: Rgb = DARK


#: Name of a prop after `static.prop.` -> its look.
LOOKS: Mapping[str, Look] = MappingProxyType(
    {
        # road works
        "constructioncone": Look(road.cone, ORANGE, WHITE, ORANGE),
        "trafficcone01": Look(road.cone, ORANGE, WHITE, DARK),
        "trafficcone02": Look(road.delineator, ORANGE, WHITE, DARK),
        "streetbarrier": Look(lengthwise(road.barricade), ORANGE, WHITE),
        "chainbarrier": Look(lengthwise(road.chain), RED, WHITE, DARK),
        "chainbarrierend": Look(road.post, RED, WHITE, DARK),
        "warningconstruction": Look(road.works_ahead, RED, WHITE),
        "warningaccident": Look(road.accident_ahead, RED, WHITE),
        "trafficwarning": Look(road.arrow_board, ORANGE, WHITE),
        "streetsign": Look(lengthwise(road.sign_board), BLUE, WHITE),
        "streetsign01": Look(lengthwise(road.sign_board), GREEN, WHITE),
        "streetsign04": Look(lengthwise(road.sign_board), YELLOW, DARK),
        # waste
        "barrel": Look(waste.barrel, BLUE, DARK),
        "bin": Look(waste.wheeled_bin, GREEN, DARK),
        "trashcan01": Look(waste.round_bin, STEEL, GREY),
        "trashcan02": Look(waste.round_bin, GREEN, DARK),
        "trashcan03": Look(waste.hooded_bin, GREY, DARK),
        "trashcan04": Look(waste.wheeled_bin, DARK, GREEN),
        "trashcan05": Look(waste.wheeled_bin, BLUE, YELLOW),
        "container": Look(lengthwise(waste.skip), GREEN, DARK),
        "clothcontainer": Look(waste.cloth_container, ORANGE, WHITE),
        "glasscontainer": Look(waste.bottle_bank, GREEN, WHITE),
        "trashbag": Look(waste.tied_bag, DARK),
        "plasticbag": Look(waste.carrier_bag, WHITE, PALE),
        "platformgarbage01": Look(waste.rubble, CARD, GREY),
        "ironplank": Look(waste.plate, STEEL),
        "garbage01": Look(waste.can, RED),
        "garbage02": Look(waste.disc, STEEL),
        "garbage03": Look(waste.cup, WHITE, RED),
        "garbage04": Look(waste.crumpled, PALE),
        "garbage05": Look(waste.crumpled, CREAM),
        "garbage06": Look(waste.crumpled, TEAL),
        "colacan": Look(waste.can, RED),
        "dirtdebris01": Look(waste.mound, EARTH, CLOD, GREY),
        "dirtdebris02": Look(waste.mound, SOIL, EARTH, GREY),
        "dirtdebris03": Look(waste.mound, EARTH, GREY, CLOD),
        **{f"brokentile0{k}": Look(waste.shard, colour) for k, colour in enumerate((CLAY, STONE, CLAY, CREAM), 1)},
        **{f"creasedbox0{k}": Look(waste.flat_carton, CARD, TAPE, LIGHT_TIMBER) for k in (1, 2, 3)},
        # boxes, cases, things that lie about
        "box01": Look(carried.open_carton, CARD, TAPE, TIMBER),
        "box02": Look(carried.carton, CARD, TAPE, WHITE),
        "box03": Look(carried.carton, LIGHT_TIMBER, TAPE, WHITE),
        "briefcase": Look(carried.case, LEATHER),
        "guitarcase": Look(carried.guitar_case, DARK, STEEL),
        "travelcase": Look(carried.travel_case, TEAL, DARK),
        "purse": Look(carried.handbag, RED),
        "shoppingbag": Look(carried.shopping_bag, CARD, GREEN, WHITE),
        "shoppingcart": Look(carried.shopping_cart, STEEL, RED),
        "shoppingtrolley": Look(carried.trolley, BLUE, DARK),
        "bike helmet": Look(carried.helmet, RED),
        "motorhelmet": Look(carried.full_helmet, WHITE),
        "mobile": Look(carried.telephone, DARK),
        "wateringcan": Look(carried.watering_can, GREEN),
        "haybale": Look(carried.bale, STRAW, CREAM),
        "haybalelb": Look(carried.bale, STRAW, LIGHT_TIMBER),
        # benches, gardens, playgrounds
        "bench01": Look(lengthwise(leisure.bench), TIMBER, DARK),
        "bench02": Look(lengthwise(leisure.plain_bench), TIMBER, DARK),
        "bench03": Look(lengthwise(leisure.plain_bench), PALE, STONE),
        "table": Look(leisure.picnic_table, LIGHT_TIMBER, TIMBER),
        "plasticchair": Look(leisure.chair, WHITE),
        "plastictable": Look(leisure.parasol_table, WHITE, RED, WHITE),
        "pergola": Look(leisure.pergola, TIMBER),
        "swing": Look(lengthwise(leisure.swing), RED, BLUE),
        "swingcouch": Look(leisure.swing_couch, GREEN, CREAM),
        "slide": Look(leisure.slide, BLUE, YELLOW),
        "trampoline": Look(leisure.trampoline, BLUE, STEEL),
        "barbeque": Look(leisure.barbecue, DARK),
        "doghouse": Look(leisure.kennel, LIGHT_TIMBER, RED),
        "clothesline": Look(leisure.clothes_line, WHITE, BLUE, PINK),
        "gardenlamp": Look(leisure.garden_lamp, DARK),
        "gnome": Look(leisure.gnome, RED, BLUE, (0.55, 0.34, 0.25)),
        "fountain": Look(leisure.fountain, STONE, WATER),
        "streetfountain": Look(leisure.drinking_fountain, DARK, STEEL),
        "maptable": Look(lengthwise(leisure.map_table), TIMBER, CREAM),
        "calibrator": Look(leisure.chart, WHITE, DARK),
        "advertisement": Look(lengthwise(leisure.poster), DARK, WHITE, TEAL),
        # machines and stalls
        "atm": Look(machines.cash_machine, PALE, BLUE),
        "vendingmachine": Look(machines.vending_machine, RED, YELLOW, GREEN),
        "kiosk_01": Look(machines.kiosk, GREEN, CREAM),
        "mailbox": Look(machines.mail_box, BLUE, WHITE),
        "busstop": Look(lengthwise(machines.bus_shelter), DARK, WHITE, ORANGE),
        "busstoplb": Look(lengthwise(machines.bus_shelter), DARK, WHITE, BLUE),
        "foodcart": Look(lengthwise(machines.food_stall), CREAM, RED, WHITE),
        # plants; leaves are in the second colour
        "plantpot01": Look(lengthwise(plants.trough), CLAY, LEAF, PINK),
        "plantpot02": Look(lengthwise(plants.trough), STONE, LEAF, YELLOW),
        "plantpot03": Look(lengthwise(plants.trough), TIMBER, DEEP_LEAF, RED),
        "plantpot04": Look(lengthwise(plants.flower_bed), TIMBER, LEAF, PINK),
        "plantpot05": Look(plants.empty_pot, CLAY, EARTH),
        "plantpot06": Look(plants.pot, STONE, DEEP_LEAF, WHITE),
        "plantpot07": Look(plants.pot, CLAY, LEAF, RED),
        "plantpot08": Look(plants.pot, DARK, LEAF, YELLOW),
        "aporosatree": Look(plants.broad_tree, GREEN, LEAF),
        "coconutpalm": Look(plants.palm, GREEN, LEAF),
        "cypresstree": Look(plants.cypress, GREEN, DEEP_LEAF),
    }
)
