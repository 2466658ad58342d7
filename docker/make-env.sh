#!/bin/sh
# Writes docker/.env from docker/.env.example, with a new random value for every secret. One that is there is left alone.
set -eu
umask 077
cd "$(dirname "$0")"
if [ -e .env ]; then
	echo "docker/.env is there already, and was left as it is" >&2
	exit 1
fi
trap 'rm -f .env.new' EXIT
random() { head -c "$1" /dev/urandom | base64 | tr '+/' '-_'; }
while IFS= read -r line; do
	case $line in
	'#'*) ;;
	FERNET_KEY=) line=$line$(random 32) ;;
	*=) line=$line$(random 48) ;;
	esac
	printf '%s\n' "$line"
done < .env.example > .env.new
mv .env.new .env
echo "wrote docker/.env; the UI's password for the user admin is in it, under UI_PASSWORD"
