import os
from wsgiref.simple_server import make_server

import django
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
django.setup()
call_command("migrate", verbosity=0)
make_server("127.0.0.1", int(os.environ["PORT"]), WSGIHandler()).serve_forever()
