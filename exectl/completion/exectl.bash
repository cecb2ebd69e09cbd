# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Completion of exectl for bash. Values come from the journal itself, by exectl -F.

# The values of a field, as the journal chosen on the command line has them.
_exectl_values() {
    local word journal=()
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case $word in
            --directory=*|--file=*|--root=*|--namespace=*|--machine=*|-D?*|-M?*|-m|--merge) journal+=("$word") ;;
        esac
    done
    exectl --quiet --no-pager "${journal[@]}" --field="$1" 2>/dev/null
}

_exectl_reply() {
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

# What can stand behind "=" of an option, or behind it as the next word.
_exectl_argument() {
    local option=$1 current=$2
    case $option in
        -o|--output) _exectl_reply 'short full verbose json json-pretty cat' "$current" ;;
        --json) _exectl_reply 'short pretty off' "$current" ;;
        --by) _exectl_reply 'exe command unit user login parent tag error container' "$current" ;;
        --format) _exectl_reply 'json ecs otel ocsf csv' "$current" ;;
        -u|--unit) _exectl_reply "$(_exectl_values EXEC_UNIT)" "$current" ;;
        --user-unit) _exectl_reply "$(_exectl_values EXEC_USER_UNIT)" "$current" ;;
        --tag) _exectl_reply "$(_exectl_values EXEC_TAG)" "$current" ;;
        -b|--boot) _exectl_reply "all $(_exectl_values _BOOT_ID)" "$current" ;;
        --user|--login) mapfile -t COMPREPLY < <(compgen -u -- "$current") ;;
        -S|--since|-U|--until|--at) _exectl_reply 'now today yesterday -1h -1d' "$current" ;;
        -M|--machine) _exectl_reply "$(machinectl list --full --no-legend --no-pager 2>/dev/null | cut -d ' ' -f 1)" "$current" ;;
        -D|--directory|--root) mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
        --file|--cursor-file) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
        -F|--field)
            _exectl_reply 'EXEC_EXE EXEC_FILENAME EXEC_UNIT EXEC_USER_UNIT EXEC_SLICE EXEC_UID EXEC_EUID EXEC_LOGINUID
                EXEC_SESSION EXEC_TTY EXEC_CWD EXEC_COMM EXEC_PARENT_COMM EXEC_FLAG EXEC_TAG EXEC_ERROR EXEC_CONTAINER
                EXEC_LOGIND_SESSION EXEC_STDIN _BOOT_ID _HOSTNAME' "$current" ;;
        -g|--grep|-n|--lines|--namespace) ;;
        *) return 1 ;;
    esac
}

_exectl() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command='' word
    local commands='list info tree why who top sessions privileged new gaps follow doctor export'
    local options='--help --version --no-pager --no-legend --json= --output= --utc --full --no-full --quiet --lines=
        --reverse --follow --field= --since= --until= --boot --unit= --user-unit= --user= --login= --tag= --failed --grep=
        --untrusted --merge --machine= --directory= --file= --root= --namespace= --up --at= --by= --format= --cursor-file='

    COMPREPLY=()
    # bash makes a word of each "=".
    if [[ $current == '=' ]]; then
        _exectl_argument "$previous" '' && return
    elif [[ $previous == '=' ]]; then
        _exectl_argument "${COMP_WORDS[COMP_CWORD-2]}" "$current" && return
        [[ ${COMP_WORDS[COMP_CWORD-2]} == [A-Z_]* ]] &&
            _exectl_reply "$(_exectl_values "${COMP_WORDS[COMP_CWORD-2]}")" "$current"
        return
    elif [[ $previous == -* && $previous != *=* ]]; then
        _exectl_argument "$previous" "$current" && return
    fi
    if [[ $current == -* ]]; then
        _exectl_reply "$options" "$current"
        [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
        return
    fi

    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        [[ " ${commands} " == *" $word "* ]] && command=$word
    done
    if [[ -z $command ]]; then
        _exectl_reply "$commands" "$current"
    elif [[ $command == doctor ]]; then
        _exectl_reply 'service hooks seen alive covered lost lockdown storage lasting rate-limit dropped syslog config' "$current"
    elif [[ $command != gaps ]]; then
        case $current in
            /*) _exectl_reply "$(_exectl_values EXEC_EXE)" "$current" ;;
            *) _exectl_reply "$(_exectl_values EXEC_UNIT; _exectl_values EXEC_EXE | sed 's|.*/||')" "$current" ;;
        esac
    fi
}

complete -F _exectl exectl
