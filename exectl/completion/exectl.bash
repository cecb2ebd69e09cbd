# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Completion of exectl for bash. Values come from the journal itself, by exectl -F.
#
# Whoever may execute a file chooses its name, which is such a value. So this shell expands no value, and each is quoted
# for the command line. Values with control characters are not offered.

# Sets `plain` to what a word of the command line means, and `mark` to the quotation mark that it begins with. Fails if it
# has to be expanded to know that, or has quotes in the middle.
_exectl_unquote() {
    local word=$1 rest
    mark='' plain=''
    case $word in
        \'*|\"*)
            mark=${word:0:1} word=${word:1}
            word=${word%"$mark"}
            [[ $word == *"$mark"* ]] && return 1
            [[ $mark == '"' && $word == *[\\\$\`]* ]] && return 1
            plain=$word
            return 0 ;;
    esac
    rest=${word//\\?/}
    [[ $rest == *[\'\"\$\`]* ]] && return 1
    word=${word//\\\\/$'\1'} word=${word//\\/}
    plain=${word//$'\1'/\\}
}

# Sets `words` to the words up to the cursor. bash has made a word of each "=" and ":".
_exectl_join() {
    local i word glue=1
    words=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        # After "--unit= " another word begins.
        [[ -z $word && ${COMP_LINE:0:COMP_POINT} == *[[:space:]] ]] && glue=''
        [[ $word =~ ^[:=]+$ && $i -gt 0 ]] && glue=1
        if [[ $glue && $i -gt 0 ]]; then
            words[-1]+=$word
        else
            words+=("$word")
        fi
        glue=''
        [[ $word =~ ^[:=]+$ ]] && glue=1
    done
}

# Sets `journal` to the options of the command line that choose a journal. Fails if what they mean is not known.
_exectl_journal() {
    local i word mark plain
    journal=()
    for ((i = 1; i + 1 < ${#words[@]}; i++)); do
        word=${words[i]}
        case $word in
            -m|--merge) journal+=("$word"); continue ;;
            -D|-M|--directory|--file|--root|--namespace|--machine)
                # The word behind the option is its value, and the one at the cursor is not known yet.
                ((i + 2 < ${#words[@]})) || return 1
                journal+=("$word") word=${words[++i]} ;;
            -D?*|-M?*)
                journal+=("${word:0:2}") word=${word:2} ;;
            --directory=*|--file=*|--root=*|--namespace=*|--machine=*)
                journal+=("${word%%=*}") word=${word#*=} ;;
            *) continue ;;
        esac
        _exectl_unquote "$word" || return 1
        [[ ${word:0:2} == \~/ ]] && plain=$HOME/${plain:2}
        journal+=("$plain")
    done
}

# Adds to `values` those that a field has in the journal that was chosen on the command line.
_exectl_values() {
    local value found=() journal
    _exectl_journal || return
    mapfile -t found < <(exectl --quiet --no-pager "${journal[@]}" --field="$1" 2>/dev/null)
    for value in "${found[@]}"; do
        # They are quoted: as 'it'\''s', or as $'...' if something in them can't be printed.
        case $value in
            "\$'"*) continue ;;
            \'*\') value=${value:1:${#value}-2} value=${value//"'\\''"/\'} ;;
        esac
        values+=("$value")
    done
}

# Offers those of the words that begin as the word at the cursor does. `lead` comes before them in the same word, as
# "--unit=" does; bash replaces only what is behind the last "=" or ":", that is what is behind `head`.
_exectl_offer() {
    local word
    for word in "$@"; do
        [[ $word && $lead$word == "$current"* ]] || continue
        word=$lead$word
        word=${word#"$head"}
        [[ $word && $word != *[[:cntrl:]]* ]] || continue
        case $mark in
            \') [[ $word == *\'* ]] && continue ;;
            \") [[ $word == *[\"\\\$\`!]* ]] && continue ;;
            *) printf -v word %q "$word" ;;
        esac
        COMPREPLY+=("$word")
    done
}

# The same for the values of fields.
_exectl_offer_values() {
    local field values=()
    for field in "$@"; do
        _exectl_values "$field"
    done
    _exectl_offer "${values[@]}"
}

# The same for the lines that a command prints.
_exectl_offer_lines() {
    local lines
    mapfile -t lines
    _exectl_offer "${lines[@]}"
}

# Offers the values of an option. Fails if it has none.
_exectl_argument() {
    case $1 in
        -o|--output) _exectl_offer short full verbose json json-pretty cat ;;
        --json) _exectl_offer short pretty off ;;
        --by) _exectl_offer exe command unit user login parent tag error container ;;
        --format) _exectl_offer json ecs otel ocsf csv ;;
        -u|--unit) _exectl_offer_values EXEC_UNIT ;;
        --user-unit) _exectl_offer_values EXEC_USER_UNIT ;;
        --tag) _exectl_offer_values EXEC_TAG ;;
        -b|--boot) _exectl_offer all; _exectl_offer_values _BOOT_ID ;;
        --user|--login) _exectl_offer_lines < <(compgen -u) ;;
        -S|--since|-U|--until|--at) _exectl_offer now today yesterday -1h -1d ;;
        -M|--machine) _exectl_offer_lines < <(machinectl list --full --no-legend --no-pager 2>/dev/null | cut -d ' ' -f 1) ;;
        # bash itself quotes the names of files.
        -D|--directory|--root) compopt -o dirnames ;;
        --file|--cursor-file) compopt -o default ;;
        -F|--field)
            _exectl_offer EXEC_EXE EXEC_FILENAME EXEC_UNIT EXEC_USER_UNIT EXEC_SLICE EXEC_UID EXEC_EUID EXEC_LOGINUID \
                EXEC_SESSION EXEC_TTY EXEC_CWD EXEC_COMM EXEC_PARENT_COMM EXEC_FLAG EXEC_TAG EXEC_ERROR EXEC_CONTAINER \
                EXEC_LOGIND_SESSION EXEC_STDIN _BOOT_ID _HOSTNAME ;;
        -g|--grep|-n|--lines|--namespace) ;;
        *) return 1 ;;
    esac
}

_exectl_options() {
    _exectl_offer --help --version --no-pager --no-legend --json= --output= --utc --full --no-full --quiet --lines= \
        --reverse --follow --field= --since= --until= --boot --unit= --user-unit= --user= --login= --tag= --failed --grep= \
        --untrusted --merge --machine= --directory= --file= --root= --namespace= --up --at= --by= --format= --cursor-file=
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
}

_exectl_matches() {
    local values=()
    _exectl_values EXEC_EXE
    if [[ $current == /* ]]; then
        _exectl_offer "${values[@]}"
    else
        values=("${values[@]##*/}")
        _exectl_values EXEC_UNIT
        _exectl_offer "${values[@]}"
    fi
}

_exectl_word() {
    local word command='' commands=(list info tree why who top sessions privileged new gaps follow doctor export)
    for word in "${words[@]:1:${#words[@]}-2}"; do
        [[ " ${commands[*]} " == *" $word "* ]] && command=$word
    done
    case $command in
        '') _exectl_offer "${commands[@]}" ;;
        doctor)
            _exectl_offer service hooks seen alive covered lost lockdown storage lasting rate-limit dropped syslog config ;;
        gaps) ;;
        *) _exectl_matches ;;
    esac
}

_exectl() {
    local words current typed head='' lead='' mark plain previous

    COMPREPLY=()
    _exectl_join
    current=${words[-1]} typed=${COMP_WORDS[COMP_CWORD]} previous=${words[-2]}
    [[ $typed =~ ^[:=]+$ ]] && typed=''
    _exectl_unquote "${current%"$typed"}" && [[ -z $mark ]] || return 0
    head=$plain
    _exectl_unquote "$typed" || return 0
    current=$head$plain

    case $current in
        --*=*)
            lead=${current%%=*}=
            _exectl_argument "${lead%=}" ;;
        [A-Z_]*=*)
            lead=${current%%=*}=
            _exectl_offer_values "${lead%=}" ;;
        *)
            [[ $previous == -* && $previous != *=* ]] && _exectl_argument "$previous" && return
            if [[ $current == -* ]]; then
                _exectl_options
            else
                _exectl_word
            fi ;;
    esac
    return 0
}

complete -F _exectl exectl
