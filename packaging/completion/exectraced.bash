# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Completion of the options of exectraced, for bash-completion.

_exectraced() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} option
    local options='-f --output= -p --pid-ns= -c --config= --check-config -h --help --version'
    COMPREPLY=()

    # Readline takes "--output=te" for three words.
    option=$previous
    if [ "$current" = = ]; then
        current=
    elif [ "$previous" = = ] && [ "$COMP_CWORD" -ge 2 ]; then
        option=${COMP_WORDS[COMP_CWORD - 2]}
    fi

    case $option in
        -f | --output)
            mapfile -t COMPREPLY < <(compgen -W 'text json' -- "$current")
            return
            ;;
        -p | --pid-ns)
            mapfile -t COMPREPLY < <(compgen -W 'self' -- "$current")
            return
            ;;
        -c | --config)
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            return
            ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
    # The value of an option follows its sign without a blank.
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} = *= ]]; then
        compopt -o nospace 2>/dev/null
    fi
}

complete -F _exectraced exectraced
