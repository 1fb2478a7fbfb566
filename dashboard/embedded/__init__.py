"""PostgreSQL and Redis from wheels, and the supervisor behind `manage.py up`. Only `apps` knows Django."""
