"""What participants read, in every language the site speaks. Sixth-grade words; `say` refuses a sentence it lacks."""

from __future__ import annotations

from datetime import date, time

LANGUAGES = ("en", "es")

WEEKDAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
MONTHS = {
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    "es": (
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ),
}

NOUNS = {  # one, many
    "day": {"en": ("day", "days"), "es": ("día", "días")},
    "month": {"en": ("month", "months"), "es": ("mes", "meses")},
    "hours": {"en": ("hour", "hours"), "es": ("hora", "horas")},
    "sessions": {"en": ("session", "sessions"), "es": ("sesión", "sesiones")},
}

SENTENCES: dict[str, dict[str, str]] = {
    # On every page
    "not_recorded": {"en": "not recorded", "es": "no está registrado"},
    "skip": {"en": "Skip to main content", "es": "Ir al contenido principal"},
    "sign_out": {"en": "Sign out", "es": "Cerrar sesión"},
    "other_language": {"en": "Español", "es": "English"},
    "print": {"en": "Print this page", "es": "Imprimir esta página"},
    "case": {"en": "Case {number}", "es": "Caso {number}"},
    "demonstration": {
        "en": "This is a demonstration. Every person in it is invented.",
        "es": "Esta es una demostración. Todas las personas son inventadas.",
    },
    # The answer at the top
    "my_title": {"en": "What stands between me and discharge", "es": "Lo que falta para terminar mi supervisión"},
    "several_cases": {
        "en": "You have {count} cases. Each one ends on its own day.",
        "es": "Usted tiene {count} casos. Cada uno termina en su propia fecha.",
    },
    "no_record": {
        "en": "There is no supervision on record for you.",
        "es": "No hay ninguna supervisión registrada para usted.",
    },
    "no_record_next": {
        "en": "If you think this is wrong, call the office that supervises you.",
        "es": "Si cree que esto es un error, llame a la oficina que lo supervisa.",
    },
    "can_end": {"en": "Your supervision can end on", "es": "Su supervisión puede terminar el"},
    "can_end_if": {
        "en": "if every month from now on counts.",
        "es": "si todos los meses de ahora en adelante cuentan.",
    },
    "can_end_if_paid": {
        "en": "if your restitution is paid by then and every month from now on counts.",
        "es": "si para entonces paga toda la restitución y todos los meses de ahora en adelante cuentan.",
    },
    "can_end_on_payment": {
        "en": "Your supervision can end as soon as all of your restitution is paid.",
        "es": "Su supervisión puede terminar en cuanto pague toda la restitución.",
    },
    "ends": {"en": "Your supervision ends on", "es": "Su supervisión termina el"},
    "ends_no_credit": {
        "en": "This kind of case does not earn time off.",
        "es": "Este tipo de caso no gana días de descuento.",
    },
    "ends_not_sure": {
        "en": "Some facts are missing, so we do not know yet if you can earn time off. Ask your officer about it.",
        "es": "Faltan algunos datos y todavía no sabemos si usted puede ganar días de descuento. "
        "Pregunte a su oficial.",
    },
    "ended": {"en": "By law, your supervision could end on", "es": "Por ley, su supervisión podía terminar el"},
    "ended_next": {
        "en": "Ask your officer for your discharge papers. Keep following your rules until you have them.",
        "es": "Pida a su oficial los papeles de fin de supervisión. Siga cumpliendo sus reglas hasta tenerlos.",
    },
    "discharged": {"en": "The court ended your supervision on", "es": "El tribunal terminó su supervisión el"},
    "discharged_next": {
        "en": "You have nothing more to do in this case.",
        "es": "No tiene que hacer nada más en este caso.",
    },
    "revoked": {"en": "The court ended your time on supervision on", "es": "El tribunal revocó su supervisión el"},
    "revoked_next": {
        "en": "The credit for this case was taken back. Ask your lawyer what comes next.",
        "es": "Se perdieron los días ganados en este caso. Pregunte a su abogado qué sigue.",
    },
    "needs_a_person": {
        "en": "We cannot give you a date yet.",
        "es": "Todavía no podemos darle una fecha.",
    },
    "needs_a_person_next": {
        "en": "Something in your record must be checked first. Ask your officer to look at it.",
        "es": "Primero hay que revisar algo en su registro. Pida a su oficial que lo revise.",
    },
    "open_end": {
        "en": "The court decides when your supervision ends.",
        "es": "El tribunal decide cuándo termina su supervisión.",
    },
    "open_end_next": {
        "en": "Do what is on this list and go to every court date.",
        "es": "Cumpla lo que está en esta lista y vaya a todas sus citas en el tribunal.",
    },
    # How the date came to be
    "credit_so_far": {
        "en": "You have earned {months} of credit. That takes {days} off. Without credit, the end is {last_day}.",
        "es": "Usted ha ganado {months} de crédito. Eso le quita {days}. Sin crédito, el final es el {last_day}.",
    },
    "credit_none_yet": {
        "en": "You have no credit yet. Each full month that counts takes 30 days off. "
        "Without credit, the end is {last_day}.",
        "es": "Todavía no tiene crédito. Cada mes completo que cuenta le quita 30 días. "
        "Sin crédito, el final es el {last_day}.",
    },
    "credit_held": {
        "en": "{months} wait until you finish treatment court.",
        "es": "{months} quedan en espera hasta que termine el tribunal de tratamiento.",
    },
    "credit_pending": {
        "en": "{months} wait for the judge to decide at your hearing.",
        "es": "{months} quedan en espera de lo que el juez decida en su audiencia.",
    },
    "moved_later": {
        "en": "This date is {days} later than the one before it ({before}).",
        "es": "Esta fecha es {days} más tarde que la anterior ({before}).",
    },
    "moved_sooner": {
        "en": "This date is {days} sooner than the one before it ({before}).",
        "es": "Esta fecha es {days} más temprano que la anterior ({before}).",
    },
    # What to do
    "to_keep_date": {"en": "To keep that date", "es": "Para mantener esa fecha"},
    "to_do": {"en": "What you have to do", "es": "Lo que tiene que hacer"},
    "rules": {"en": "Rules to follow all the time", "es": "Reglas que debe cumplir siempre"},
    "nothing_to_do": {
        "en": "Nothing is open. Keep following your rules.",
        "es": "No hay nada pendiente. Siga cumpliendo sus reglas.",
    },
    "done": {"en": "Done", "es": "Hecho"},
    "not_done": {"en": "Not done yet", "es": "Falta"},
    "do_next": {"en": "Next:", "es": "Ahora:"},
    "by_day": {"en": "By {day}.", "es": "Antes del {day}."},
    "was_due": {
        "en": "This was due on {day}. Call your officer today.",
        "es": "La fecha límite era el {day}. Llame a su oficial hoy.",
    },
    "counted": {
        "en": "{done} of {total} done. {left} left.",
        "es": "{done} de {total}. Por hacer: {left}.",
    },
    "counted_money": {
        "en": "{done} of {total} paid. {left} left.",
        "es": "{done} de {total}. Por pagar: {left}.",
    },
    "ask_officer": {
        "en": "Ask your officer how to do this.",
        "es": "Pregunte a su oficial cómo hacerlo.",
    },
    "two_years_wait": {
        "en": "Two full years must pass first. That is on {day}.",
        "es": "Primero deben pasar dos años completos. Eso es el {day}.",
    },
    "two_years_next": {
        "en": "There is nothing to do but wait.",
        "es": "No tiene que hacer nada, solo esperar.",
    },
    "two_years_done": {"en": "Two full years have passed.", "es": "Ya pasaron dos años completos."},
    "restitution_owed": {
        "en": "Pay all of your restitution.",
        "es": "Pague toda la restitución.",
    },
    "restitution_amount": {
        "en": "The court ordered {amount}.",
        "es": "El tribunal ordenó {amount}.",
    },
    "restitution_next": {
        "en": "Pay at the court clerk's office and keep each receipt. Cannot pay? Tell your officer early.",
        "es": "Pague en la oficina del secretario del tribunal y guarde cada recibo. "
        "¿No puede pagar? Avise pronto a su oficial.",
    },
    "restitution_to_confirm": {
        "en": "You have paid all of your restitution. Your officer still has to enter that it is paid.",
        "es": "Usted ya pagó toda la restitución. Su oficial todavía tiene que anotar que está pagada.",
    },
    "restitution_paid": {"en": "Restitution is paid.", "es": "La restitución está pagada."},
    "hearing_ahead": {"en": "Go to your hearing on {day}.", "es": "Vaya a su audiencia el {day}."},
    "hearing_next": {
        "en": "Talk to your lawyer before you go.",
        "es": "Hable con su abogado antes de ir.",
    },
    "custody_open": {
        "en": "You are in jail or another locked place. Months do not count until you are out.",
        "es": "Usted está en la cárcel u otro lugar cerrado. Los meses no cuentan hasta que salga.",
    },
    "custody_next": {"en": "Call your officer on the day you get out.", "es": "Llame a su oficial el día que salga."},
    "absconder_open": {
        "en": "Your officer cannot find you. Months do not count until you report.",
        "es": "Su oficial no lo encuentra. Los meses no cuentan hasta que usted se presente.",
    },
    "absconder_next": {"en": "Call your officer today.", "es": "Llame a su oficial hoy."},
    "suspended_open": {
        "en": "The court has stopped your supervision for now. Months do not count until it starts again.",
        "es": "El tribunal detuvo su supervisión por ahora. Los meses no cuentan hasta que empiece otra vez.",
    },
    "suspended_next": {
        "en": "Ask your lawyer when the court will decide.",
        "es": "Pregunte a su abogado cuándo decidirá el tribunal.",
    },
    "program_open": {
        "en": "Finish the 120-day program. Months count again after it.",
        "es": "Termine el programa de 120 días. Los meses cuentan otra vez después.",
    },
    "program_next": {
        "en": "Ask the program staff what is left to do.",
        "es": "Pregunte al personal del programa qué falta por hacer.",
    },
    "treatment_open": {
        "en": "Finish treatment court. Your credit is kept for you until then.",
        "es": "Termine el tribunal de tratamiento. Su crédito queda guardado hasta entonces.",
    },
    "treatment_next": {
        "en": "Ask your treatment court team what is left to do.",
        "es": "Pregunte a su equipo del tribunal de tratamiento qué falta por hacer.",
    },
    # What would change it
    "would_change": {"en": "What would change it", "es": "Qué cambiaría la fecha"},
    "report_moves": {
        "en": "A violation report this month moves it to {day}. That is {days} later.",
        "es": "Un informe de violación este mes la mueve al {day}. Son {days} más tarde.",
    },
    "report_same": {
        "en": "A violation report this month would not move it, but the judge could still take your credit away.",
        "es": "Un informe de violación este mes no la movería, pero el juez podría quitarle su crédito.",
    },
    "report_no_date": {
        "en": "After a violation report this month, no date could be given until a judge decides.",
        "es": "Con un informe de violación este mes, no habría fecha hasta que un juez decida.",
    },
    "judge_decides": {
        "en": "If a judge revokes your supervision, all of your credit is lost.",
        "es": "Si un juez revoca su supervisión, se pierde todo su crédito.",
    },
    # Months that did not count
    "months_not_counted": {"en": "Months that did not count", "es": "Meses que no contaron"},
    "months_to": {"en": "{first} to {last}", "es": "{first} a {last}"},
    "lost_violation_report": {
        "en": "a violation report was sent in",
        "es": "se entregó un informe de violación",
    },
    "lost_notice_of_citation": {
        "en": "a notice of citation was sent in",
        "es": "se entregó un aviso de citación",
    },
    "lost_motion_to_revoke": {
        "en": "someone asked the court to revoke your supervision",
        "es": "se pidió al tribunal revocar su supervisión",
    },
    "lost_motion_to_suspend": {
        "en": "someone asked the court to suspend your supervision",
        "es": "se pidió al tribunal suspender su supervisión",
    },
    "lost_custody_start": {"en": "you were in jail or another locked place", "es": "usted estuvo en la cárcel"},
    "lost_absconder_declared": {
        "en": "your officer could not find you",
        "es": "su oficial no podía encontrarlo",
    },
    "lost_term_suspended": {
        "en": "the court had stopped your supervision",
        "es": "el tribunal había detenido su supervisión",
    },
    "lost_cods_placed": {"en": "you were in the 120-day program", "es": "usted estuvo en el programa de 120 días"},
    "lost_eligibility_motion": {
        "en": "the court was deciding if you may earn credit",
        "es": "el tribunal decidía si usted puede ganar crédito",
    },
    "lost_treatment_court_entered": {
        "en": "you left treatment court before finishing",
        "es": "usted dejó el tribunal de tratamiento antes de terminar",
    },
    "lost_not_full": {
        "en": "only a full month on supervision counts",
        "es": "solo cuenta un mes completo de supervisión",
    },
    "lost_rescinded": {
        "en": "the judge took this credit away after a hearing",
        "es": "el juez quitó este crédito después de una audiencia",
    },
    "lost_other": {
        "en": "the law does not count it. Ask your officer why",
        "es": "la ley no lo cuenta. Pregunte a su oficial por qué",
    },
    # Below
    "wrong": {"en": "Is something wrong here?", "es": "¿Hay algún error aquí?"},
    "wrong_next": {
        "en": "Tell your officer, {officer}. Mistakes can be fixed, and the date is worked out again.",
        "es": "Avise a su oficial, {officer}. Los errores se corrigen y la fecha se calcula de nuevo.",
    },
    "wrong_next_office": {
        "en": "Tell the office that supervises you. Mistakes can be fixed, and the date is worked out again.",
        "es": "Avise a la oficina que lo supervisa. Los errores se corrigen y la fecha se calcula de nuevo.",
    },
    "call": {"en": "Call {phone}", "es": "Llame al {phone}"},
    "as_of": {
        "en": "Worked out on {day}, under Missouri law 217.703. The court's order comes first.",
        "es": "Calculado el {day}, según la ley 217.703 de Misuri. La orden del tribunal es lo primero.",
    },
    # The papers of monitoring
    "papers_title": {"en": "Papers of your monitoring", "es": "Papeles de su monitoreo"},
    "papers_to_sign": {
        "en": "Read and sign the papers of your monitoring",
        "es": "Lea y firme los papeles de su monitoreo",
    },
    "papers_signed": {
        "en": "The papers you signed for your monitoring",
        "es": "Los papeles que firmó para su monitoreo",
    },
    "papers_none": {
        "en": "No paper waits for you to sign.",
        "es": "No hay ningún papel que usted deba firmar.",
    },
    "papers_all_signed": {
        "en": "You signed every paper of your monitoring.",
        "es": "Usted firmó todos los papeles de su monitoreo.",
    },
    "paper_of": {"en": "Paper {number} of {of}", "es": "Papel {number} de {of}"},
    "paper_sign_now": {"en": "Sign it", "es": "Fírmelo"},
    "paper_ask_first": {
        "en": "If there is something you do not understand, ask the office before you sign.",
        "es": "Si hay algo que no entiende, pregunte a la oficina antes de firmar.",
    },
    "paper_i_read": {
        "en": "I read this paper and I agree. My name is {name}.",
        "es": "Leí este papel y estoy de acuerdo. Me llamo {name}.",
    },
    "paper_signed": {"en": "Signed. Thank you.", "es": "Firmado. Gracias."},
    "type_your_name": {"en": "Type your name to sign", "es": "Escriba su nombre para firmar"},
    "type_your_name_empty": {
        "en": "Your name is missing. Type it to sign.",
        "es": "Falta su nombre. Escríbalo para firmar.",
    },
    "name_does_not_fit": {
        "en": "This is not the name we have for you. Type {name}.",
        "es": "Este no es el nombre que tenemos de usted. Escriba {name}.",
    },
    "read_again": {
        "en": "This paper was changed or signed a moment ago. Open the page again.",
        "es": "Este papel se cambió o se firmó hace un momento. Abra la página otra vez.",
    },
    "please_correct": {"en": "This was not saved. Please correct:", "es": "Esto no se guardó. Por favor corrija:"},
    "back": {"en": "Back", "es": "Volver"},
    # My schedule
    "schedule_title": {"en": "My schedule", "es": "Mi horario"},
    "must_be_home_until": {
        "en": "You must be home now until {until}.",
        "es": "Debe estar en casa ahora hasta {until}.",
    },
    "must_be_home": {"en": "You must be home at all times.", "es": "Debe estar en casa todo el tiempo."},
    "must_be_at_until": {
        "en": "You must be at {place} now until {until}.",
        "es": "Debe estar en {place} ahora hasta {until}.",
    },
    "must_be_at": {"en": "You must be at {place} at all times.", "es": "Debe estar en {place} todo el tiempo."},
    "on_leave_until": {"en": "You may be away now until {until}.", "es": "Puede estar fuera ahora hasta {until}."},
    "free_now": {
        "en": "You do not have to be anywhere right now.",
        "es": "Ahora mismo no tiene que estar en ningún lugar.",
    },
    "next_home": {"en": "Next: be home by {when}.", "es": "Después: esté en casa a más tardar {when}."},
    "next_at": {"en": "Next: be at {place} by {when}.", "es": "Después: esté en {place} a más tardar {when}."},
    "no_hours": {"en": "You have no hours to keep today.", "es": "Hoy no tiene horas que cumplir."},
    "home": {"en": "Home", "es": "Casa"},
    "all_day": {"en": "all day", "es": "todo el día"},
    "from_until": {"en": "{first} to {last}", "es": "{first} a {last}"},
    "until_midnight": {"en": "midnight", "es": "medianoche"},
    "today": {"en": "today", "es": "hoy"},
    "tomorrow": {"en": "tomorrow", "es": "mañana"},
    "time_today": {"en": "{time} today", "es": "las {time} de hoy"},
    "time_tomorrow": {"en": "{time} tomorrow", "es": "las {time} de mañana"},
    "time_on": {"en": "{time} on {day}", "es": "las {time} del {day}"},
    "time_alone": {"en": "{time}", "es": "las {time}"},
    "my_week": {"en": "The next seven days", "es": "Los próximos siete días"},
    "my_week_hint": {
        "en": "Be there in these times. The rest of the day is free.",
        "es": "Esté ahí en estas horas. El resto del día es libre.",
    },
    "nothing_on_day": {"en": "Free all day", "es": "Libre todo el día"},
    "hours_note": {
        "en": "The clocks change: this time has {hours} hours.",
        "es": "Cambia la hora: este tiempo tiene {hours} horas.",
    },
    "my_changes": {"en": "Changes you asked for", "es": "Cambios que pidió"},
    "no_changes": {"en": "You have not asked for a change.", "es": "No ha pedido ningún cambio."},
    "today_changes": {"en": "Approved for today", "es": "Aprobado para hoy"},
    "change_leave": {"en": "You may be away", "es": "Puede estar fuera"},
    "change_wished": {"en": "You asked to be away", "es": "Pidió estar fuera"},
    "change_extra": {"en": "You must also be home", "es": "También debe estar en casa"},
    "change_span": {"en": "{first} until {last}", "es": "de {first} a {last}"},
    "change_asked": {
        "en": "Waiting for an answer. Until then your hours stay as they are.",
        "es": "Espera respuesta. Mientras tanto su horario no cambia.",
    },
    "change_approved": {"en": "Approved", "es": "Aprobado"},
    "change_refused": {"en": "Not approved", "es": "No aprobado"},
    "change_withdrawn": {"en": "Taken back", "es": "Retirado"},
    "change_answer": {"en": "Answer: {answer}", "es": "Respuesta: {answer}"},
    "ask_for_change": {"en": "Ask for a change", "es": "Pedir un cambio"},
    "ask_no_longer": {"en": "I no longer need this", "es": "Ya no lo necesito"},
    "ask_title": {"en": "Ask to be away", "es": "Pedir permiso para salir"},
    "ask_hint": {
        "en": "Staff will answer. Stay with your hours until you see “Approved”.",
        "es": "El personal le responderá. Siga su horario hasta que vea “Aprobado”.",
    },
    "ask_send": {"en": "Send", "es": "Enviar"},
    "asked": {"en": "Sent. Look here for the answer.", "es": "Enviado. Aquí verá la respuesta."},
    "withdrawn": {"en": "Taken back.", "es": "Retirado."},
    "leave_on": {"en": "Day", "es": "Día"},
    "leave_from": {"en": "From", "es": "Desde"},
    "leave_until": {"en": "Until", "es": "Hasta"},
    "leave_until_on": {"en": "Last day", "es": "Último día"},
    "leave_until_on_hint": {"en": "Only if you come back on another day.", "es": "Solo si vuelve otro día."},
    "leave_why": {"en": "Why", "es": "Para qué"},
    "leave_why_hint": {"en": "Such as: doctor, job interview.", "es": "Por ejemplo: médico, entrevista de trabajo."},
    "leave_where": {"en": "Where", "es": "Dónde"},
    "leave_where_hint": {"en": "Name and street.", "es": "Nombre y calle."},
    "leave_order": {"en": "For", "es": "Para"},
    "leave_missing": {"en": "{what}: this is empty. Fill it in.", "es": "{what}: está vacío. Complételo."},
    "leave_invalid": {"en": "{what}: this cannot be. Check it.", "es": "{what}: no puede ser. Revíselo."},
    "leave_shorten": {
        "en": "{what}: this is too long. Write less.",
        "es": "{what}: es demasiado largo. Escriba menos.",
    },
    "leave_in_the_past": {
        "en": "This time has passed. Choose a later time.",
        "es": "Esa hora ya pasó. Elija una más tarde.",
    },
    "leave_ends_before": {
        "en": "The end is before the start. Choose a later end.",
        "es": "El final es antes del comienzo. Elija un final más tarde.",
    },
    "leave_too_long": {
        "en": "This is longer than 31 days. Call the office.",
        "es": "Es más de 31 días. Llame a la oficina.",
    },
    "leave_overlaps": {
        "en": "You already asked for this time. Choose another time, or take the first one back.",
        "es": "Ya pidió para ese tiempo. Elija otro, o retire el primero.",
    },
    "leave_too_many": {
        "en": "You are waiting for many answers. Wait for one first, or call the office.",
        "es": "Ya espera muchas respuestas. Espere una, o llame a la oficina.",
    },
    "leave_answered": {
        "en": "It was answered a moment ago. Read the answer.",
        "es": "Lo contestaron hace un momento. Lea la respuesta.",
    },
    "charge_title": {"en": "Your battery", "es": "Su batería"},
    "charge_now": {
        "en": "Charge your device now. The battery had {percent} % at {when}.",
        "es": "Cargue su aparato ahora. La batería tenía {percent} % a {when}.",
    },
    "charge_fine": {
        "en": "The battery had {percent} % at {when}. Charge it every day.",
        "es": "La batería tenía {percent} % a {when}. Cárguela todos los días.",
    },
    "charge_unknown": {
        "en": "Your device has not told its battery yet. Charge it every day.",
        "es": "Su aparato todavía no dijo su batería. Cárguela todos los días.",
    },
}


def say(key: str, language: str, **values: object) -> str:
    """The sentence in the language, its places filled. KeyError when the sentence or the language is missing."""
    return SENTENCES[key][language].format(**values)


def day(on: date, language: str) -> str:
    """Friday, June 1, 2018 / viernes, 1 de junio de 2018."""
    weekday, month_name = WEEKDAYS[language][on.weekday()], MONTHS[language][on.month - 1]
    if language == "es":
        return f"{weekday}, {on.day} de {month_name} de {on.year}"
    return f"{weekday}, {month_name} {on.day}, {on.year}"


def short_day(on: date, language: str) -> str:
    """Friday, June 1 / viernes, 1 de junio."""
    return day(on, language).removesuffix(f", {on.year}").removesuffix(f" de {on.year}")


def clock(at: time, language: str) -> str:
    """8:00 PM / 8:00 p. m."""
    half = ("AM", "PM") if language == "en" else ("a. m.", "p. m.")
    return f"{at.hour % 12 or 12}:{at.minute:02} {half[at.hour >= 12]}"


def month(on: date, language: str) -> str:
    """March 2017 / marzo de 2017."""
    name = MONTHS[language][on.month - 1]
    return f"{name} de {on.year}" if language == "es" else f"{name} {on.year}"


def count(number: int, noun: str, language: str) -> str:
    """1 day, 84 days / 1 día, 84 días. `noun`: a key of NOUNS."""
    one, many = NOUNS[noun][language]
    return f"{number:,} {one if number == 1 else many}"


def money(cents: int) -> str:
    """5510 cents: $55.10; whole dollars lose the cents: $60."""
    dollars, rest = divmod(cents, 100)
    return f"${dollars:,}.{rest:02}" if rest else f"${dollars:,}"
