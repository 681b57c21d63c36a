"""Short answers as people give them, in English, German, Spanish and French: yes, no, the second, the note."""

from collections.abc import Mapping


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


YES = _set(
    "yes yep yeah yup sure ok okay correct right exactly do "
    "ja jawohl jep genau gerne richtig stimmt klar "
    "sí si claro vale exacto correcto "
    "oui ouais exactement volontiers parfait"
)
NO = _set("no nope nah neither none nein nö keins keine keines nichts ninguno ninguna nada non aucun aucune rien")
# Whole answers that let go, word for word.
LEAVE = frozenset(
    [
        "never mind",
        "nevermind",
        "forget it",
        "forget about it",
        "leave it",
        "neither of them",
        "none of them",
        "no thanks",
        "no thank you",
        "cancel",
        "vergiss es",
        "lass es",
        "egal",
        "schon gut",
        "nein danke",
        "keins von beiden",
        "olvídalo",
        "déjalo",
        "da igual",
        "no gracias",
        "laisse tomber",
        "oublie",
        "tant pis",
        "non merci",
        "ni l'un ni l'autre",
    ]
)

PLACES: Mapping[str, int] = {
    word: place
    for place, words in enumerate(
        (
            "1 1st first one erste ersten erster erstes eins primero primera primer uno una premier première un une",
            "2 2nd second two zweite zweiten zweiter zweites zwei segundo segunda dos deuxième second seconde deux",
            "3 3rd third three dritte dritten dritter drittes drei tercero tercera tercer tres troisième trois",
            "4 4th fourth four vierte vierten vierter viertes vier cuarto cuarta cuatro quatrième quatre",
            "5 5th fifth five fünfte fünften fünfter fünftes fünf quinto quinta cinco cinquième cinq",
        )
    )
    for word in words.split()
}
LAST = _set("last latter letzte letzten letzter letztes último última dernier dernière")

# Words around an answer that say nothing of their own. A word that is also a place ("one") counts as the place only
# when nothing else does.
AROUND = _set(
    "the a an my that this one please option number choice answer take i mean meant want would like it thanks "
    "write add make create open go with "
    "der die das den dem ein eine einen bitte option nummer nimm ich meine meinte will möchte lieber es mach schreib "
    "schreibe füge danke "
    "el la los las un una por favor opción número quiero digo añade escribe crea gracias "
    "le les l' un une s'il te vous plaît option numéro je veux ajoute écris crée merci"
)

# What people call that which a tool makes or does.
NAMES: Mapping[str, frozenset[str]] = {
    "note.create": _set("note memo notiz nota note"),
    "note.append": _set("note append notiz ergänzen anhängen nota añadir note ajouter"),
    "library.search": _set("search library suche suchen bibliothek búsqueda buscar biblioteca recherche bibliothèque"),
    "library.open": _set("open opening document öffnen dokument abrir documento ouvrir document"),
    "task.add": _set("task todo to-do reminder aufgabe erinnerung tarea recordatorio tâche rappel"),
    "task.list": _set("list tasks liste aufgaben lista tareas liste tâches"),
    "task.done": _set("done tick task abhaken erledigt hecha hecho terminée fait"),
    "calendar.add": _set("appointment calendar event meeting termin kalender cita evento rendez-vous agenda"),
    "calendar.list": _set("appointments calendar termine kalender citas calendario rendez-vous agenda"),
    "timer.set": _set("timer alarm wecker temporizador alarma minuteur minuterie"),
    "calc.evaluate": _set("sum calculation calculate rechnung rechnen cálculo cuenta calcul"),
    "units.convert": _set("conversion convert umrechnen umrechnung conversión convertir conversion"),
    "clock.now": _set("time clock uhrzeit zeit hora heure"),
    "file.read": _set("file read datei lesen archivo leer fichier lire"),
    "file.find": _set("files file dateien datei archivos archivo fichiers fichier"),
    "email.send": _set("email e-mail mail correo courriel"),
    "message.post": _set("message post channel nachricht kanal mensaje canal message"),
    "issue.create": _set("issue ticket bug incidencia"),
    "web.fetch": _set("page website web seite webseite página page site"),
    "rc.set": _set("setting settings einstellung einstellungen ajuste ajustes réglage réglages"),
}
